"""Many pages of many hosts that answer late, each host asked at its pace, all within seconds.

    python benchmarks/many_hosts.py [--pages 1000] [--hosts 200] [--latency 0.2] [--workers 64]

A server in a process of its own answers every page and every robots.txt after the latency. The hosts are names that
lead to it, and they are taken for public ones: one request at a time, two seconds apart. Printed are the seconds by the
clock and of CPU of a first round (with robots.txt) and of two more, and how many results came. The product is driven
through the step that the clock and the command call.
"""

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import structlog
from transactions import longest_told

from monitor.path.assemble import assembled
from monitor.path.round import check_all
from monitor.settings import Settings
from sources.http.client import Client

WATCH = '\n[[watches]]\nname = "p{n}"\nsource = "page"\nevery = "1h"\nurl = "http://h{host}.example.org:{port}/p/{n}"\n'
HEAD = '[pack]\nname = "bench"\ncondition = "amyotrophic lateral sclerosis"\n\n[[therapies]]\nname = "riluzole"\n'


def serve(latency: float, port: "multiprocessing.Queue[int]") -> None:
    """Answer every request of a connection after the latency, for ever."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := (await reader.readuntil(b"\r\n\r\n")).split(None, 2):
                await asyncio.sleep(latency)
                lines = "".join(f"<p>Line {n} of {request[1].decode()} stands here.</p>" for n in range(60))
                robots = request[1] == b"/robots.txt"
                body = b"User-agent: *\nAllow: /\n" if robots else f"<main>{lines}</main>".encode()
                kind = b"text/plain" if robots else b"text/html"
                head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind, len(body))
                writer.write(head + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--workers", type=int, default=64)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    ports: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(asked.latency, ports), daemon=True)
    server.start()
    port = ports.get()
    with tempfile.TemporaryDirectory() as folder:
        pack = Path(folder, "pack.toml")
        watches = (WATCH.format(n=n, host=n % asked.hosts, port=port) for n in range(asked.pages))
        pack.write_text(HEAD + "".join(watches))
        settings = Settings(config=pack, database_url=f"sqlite:///{folder}/watch.db", quiet=True)
        with longest_told(), assembled(settings) as service:
            late = Client(
                contact="bench@localhost", ports=(port,), resolve=lambda _host, _port: ["127.0.0.1"],
                is_public=lambda _address: True,
            )  # fmt: skip
            for turn in ("first", "second", "third"):
                clock, cpu = time.perf_counter(), time.process_time()
                seen = replace(service, client=late)
                results = Counter(one.outcome for one in check_all(seen, everything=True, workers=asked.workers))
                clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
                print(f"{turn:8} {clock:6.1f} s by the clock, {cpu:6.1f} s of CPU: {dict(results)}", flush=True)
            late.close()
    server.terminate()


if __name__ == "__main__":
    main()
