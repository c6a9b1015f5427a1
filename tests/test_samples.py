"""Every source reads its samples as a person once checked them: tests/samples/<source>/<case>.<ext>.

Beside each stands `<case>.expected.json` with the records in order, and where a source needs options,
`<case>.options.json`.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

import sources
from sources.base import Page, Unexpected

SAMPLES = Path(__file__).parent / "samples"
CATALOG = sources.load()


def cases() -> Iterator[tuple[str, Path]]:
    for name in sorted(CATALOG):
        for file in sorted((SAMPLES / name).glob("*")):
            if not file.name.endswith((".expected.json", ".options.json")):
                yield name, file


@pytest.mark.parametrize("name", sorted(CATALOG))
def test_every_source_has_a_sample(name: str) -> None:
    assert any(case == name for case, _ in cases()), f"expected a sample under tests/samples/{name}/, found none"


@pytest.mark.parametrize(("name", "file"), [pytest.param(n, f, id=f"{n}/{f.name}") for n, f in cases()])
def test_a_sample_reads_as_written_down(name: str, file: Path) -> None:
    kind = CATALOG[name]
    settings = file.with_name(f"{file.stem}.options.json")
    options = kind.Options.model_validate_json(settings.read_bytes() if settings.exists() else b"{}")
    source = kind(options, url=f"https://example.org/{file.name}" if kind.needs_url else None)
    body = file.read_bytes()
    page = Page(
        url=f"https://example.org/{file.name}",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        status=200,
        content_type="",
        sha256=sha256(body).hexdigest(),
        load=lambda: body,
    )
    found = list(source.parse(page))
    assert not [problem for problem in found if isinstance(problem, Unexpected)]
    expected = json.loads(file.with_name(f"{file.stem}.expected.json").read_bytes())
    assert [record.model_dump(mode="json") for record in found if not isinstance(record, Unexpected)] == expected
