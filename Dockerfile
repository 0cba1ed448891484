# The service alone: PostgreSQL is a server of its own (see compose.yaml). First stage: the virtual environment.
FROM python:3.11-slim-bookworm AS build
# requirements-otel.txt where traces are to be sent.
ARG REQUIREMENTS=requirements.txt
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/tarih && python -m venv /opt/build
WORKDIR /build
COPY requirements.txt requirements-otel.txt requirements-build.txt ./
RUN /opt/tarih/bin/pip install --require-hashes -r "$REQUIREMENTS" \
    && /opt/build/bin/pip install --require-hashes -r requirements-build.txt
COPY pyproject.toml README.md LICENSE ./
COPY service service
COPY migrations migrations
# The build backend has an environment of its own: nothing of it reaches the second stage.
RUN /opt/build/bin/hatchling build -t wheel -d dist \
    && /opt/tarih/bin/pip install --no-deps --no-index dist/*.whl
# A bill of what the second stage runs (CycloneDX), at /opt/tarih/sbom.cdx.json.
RUN /opt/build/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON \
        -o /opt/tarih/sbom.cdx.json /opt/tarih/bin/python

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Tarih" \
      org.opencontainers.image.description="A timeline and event-sourcing API over PostgreSQL" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/tarih /opt/tarih
# Owned by the service's user, so that a fresh volume mounted here is too.
RUN install -d -o 10001 -g 10001 -m 0750 /var/lib/tarih
ENV PATH=/opt/tarih/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TARIH_HOST=0.0.0.0 \
    TARIH_PORT=8000 \
    TARIH_METRICS_HOST=0.0.0.0 \
    TARIH_DATA_DIR=/var/lib/tarih
USER 10001:10001
WORKDIR /var/lib/tarih
VOLUME /var/lib/tarih
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --start-interval=1s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f\"http://127.0.0.1:{os.environ['TARIH_PORT']}/health/ready\", timeout=2)"]
CMD ["tarih", "serve"]
