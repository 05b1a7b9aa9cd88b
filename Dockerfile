# ocrq as a container: every process of docker-compose.yml runs from this one image.
#   docker build -t ocrq .                          CPU
#   docker build -t ocrq:gpu --build-arg EXTRA=gpu . with the CUDA libraries of TensorFlow

FROM python:3.13-slim-trixie AS build
ARG EXTRA=
WORKDIR /src
RUN python -m venv /opt/ocrq
ENV PATH=/opt/ocrq/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1

# The dependencies first: a change of ocrq's own code leaves this layer as it is.
COPY pyproject.toml constraints.txt ./
COPY scripts/list-dependencies scripts/
RUN python scripts/list-dependencies $EXTRA >requirements.txt \
    && pip install --constraint constraints.txt --requirement requirements.txt

COPY . .
RUN pip install --no-deps .

FROM python:3.13-slim-trixie
# procps and build tools stay out; poppler renders PDF pages.
RUN apt-get update \
    && apt-get install -y --no-install-recommends poppler-utils \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/ocrq --create-home ocrq
COPY --from=build /opt/ocrq /opt/ocrq
# One thread a process: pages run in parallel, and BLAS threads would only fight over the cores.
ENV PATH=/opt/ocrq/bin:$PATH OCRQ_HOME=/var/lib/ocrq OMP_NUM_THREADS=1 PYTHONUNBUFFERED=1
USER ocrq
WORKDIR /var/lib/ocrq
ENTRYPOINT ["ocrq"]
CMD ["--help"]
