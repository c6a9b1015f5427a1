# One image for every role: `serve` by default, any other command as an argument.
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/therawatch
COPY requirements.lock requirements-build.lock ./
RUN /opt/therawatch/bin/pip install --require-hashes -r requirements.lock \
 && python -m venv /opt/build && /opt/build/bin/pip install --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY monitor monitor
COPY sources sources
COPY store store
COPY notifiers notifiers
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /build/dist . \
 && /opt/therawatch/bin/pip install --no-deps --no-index /build/dist/therawatch-*.whl

FROM python:3.12-slim
RUN useradd --system --uid 10001 --user-group --home-dir /data therawatch \
 && install -d -o therawatch -g therawatch /data
COPY --from=build /opt/therawatch /opt/therawatch
ENV PATH=/opt/therawatch/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    THERAWATCH_DATABASE_URL=sqlite:////data/therawatch.db
USER therawatch
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["therawatch"]
CMD ["serve", "--host", "0.0.0.0"]
