# chat-conformance with its shipped cassettes, as a user without privileges.
#
#   docker build --tag chat-conformance .
#   docker run --rm chat-conformance run
#   docker run --rm --network host --volume "$PWD:/data" --user "$(id -u)" --env KEY chat-conformance run http://127.0.0.1:8081/v1 --api-key-env KEY --report report
#
# No test builds the image. The RUN steps of the first stage were run by hand as a script, on the
# files that .dockerignore leaves, in a new folder; tests/ci/test_dockerfile.py checks the rest.
FROM python:3.13-slim AS build
COPY . /source
RUN python -m venv /opt/conformance
RUN /opt/conformance/bin/pip install --no-cache-dir --require-hashes --requirement /source/constraints/run.txt
RUN /opt/conformance/bin/pip install --no-cache-dir --no-deps /source

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 conformance
COPY --from=build /opt/conformance /opt/conformance
ENV PATH=/opt/conformance/bin:$PATH NO_COLOR=1 PYTHONUNBUFFERED=1
USER conformance
WORKDIR /data
ENTRYPOINT ["conformance"]
CMD ["--help"]
