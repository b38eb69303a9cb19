# The worker, the canary, the codec server and the command line: one image, told apart by its command.
#
#   docker build -t escalade:dev .
#
# The first stage has pip and leaves a folder; the second has Python and that folder.
ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS built
RUN ["python", "-m", "venv", "--without-pip", "/opt/escalade"]
RUN ["python", "-m", "venv", "/opt/pip"]
COPY requirements.txt /tmp/
RUN ["/opt/pip/bin/python", "-m", "pip", "--python", "/opt/escalade/bin/python", "install", \
     "--no-cache-dir", "--disable-pip-version-check", "--no-compile", "--only-binary", ":all:", \
     "--require-hashes", "--no-deps", "-r", "/tmp/requirements.txt"]
COPY pyproject.toml deploy/image/installed.py /tmp/
RUN ["/opt/escalade/bin/python", "/tmp/installed.py", "/tmp/pyproject.toml"]
COPY escalations /opt/escalade/rooms/escalations
COPY activities /opt/escalade/rooms/activities
COPY workflows /opt/escalade/rooms/workflows
COPY workers /opt/escalade/rooms/workers
COPY deploy/image/escalade /opt/escalade/bin/escalade
# A container may not write bytecode, and without it each run of a case compiles its module anew.
# Unchecked: nobody edits a source in an image, and files that depend on no clock are the same twice.
RUN ["/opt/escalade/bin/python", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", \
     "/opt/escalade/lib", "/opt/escalade/rooms"]

FROM ${PYTHON_IMAGE}
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Escalade" \
      org.opencontainers.image.description="Customer escalations as durable processes on Temporal" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=built /opt/escalade /opt/escalade
ENV PATH=/opt/escalade/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/opt/escalade/rooms \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LANG=C.UTF-8 \
    HOME=/tmp \
    ESCALADE_POLICIES=/policies \
    ESCALADE_ALIVE_FILE=/tmp/alive
# Nothing is written but below /tmp: run it with a read-only root and a tmpfs there.
WORKDIR /tmp
USER 10001:10001
STOPSIGNAL SIGTERM
# It costs a quarter of a second of a core, and more of the clock where the machine is busy.
HEALTHCHECK --interval=30s --timeout=30s --start-period=60s --retries=3 \
    CMD ["python", "-m", "workers.health"]
CMD ["python", "-m", "workers"]
