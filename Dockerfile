# The image of every Airflow process of docker-compose.yml: the pinned environment of requirements/base.txt and this project.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 UV_LINK_MODE=copy UV_NO_CACHE=1
WORKDIR /opt/jiedao/app
# The environment first: it is made anew only when the requirements change.
COPY requirements/tools.txt requirements/base.txt requirements/
RUN python -m venv /opt/tools \
 && /opt/tools/bin/pip install --quiet --no-deps --require-hashes -r requirements/tools.txt \
 && /opt/tools/bin/uv venv --quiet --python python3.11 /opt/jiedao/venv \
 && /opt/tools/bin/uv pip sync --quiet --only-binary :all: --require-hashes --compile-bytecode \
      --python /opt/jiedao/venv/bin/python requirements/base.txt
COPY . .
RUN /opt/tools/bin/uv pip install --quiet --no-deps --no-build-isolation \
      --python /opt/jiedao/venv/bin/python --editable . \
 && /opt/jiedao/venv/bin/python -m compileall -q cli dags dashboards expectations ingest samples warehouse

FROM python:3.11-slim
RUN groupadd --gid 10001 jiedao \
 && useradd --uid 10001 --gid jiedao --no-create-home --home-dir /var/lib/airflow jiedao \
 # A named volume takes over the owner of the folder that it covers.
 && install --directory --owner jiedao --group jiedao --mode 0700 /var/lib/jiedao /var/lib/airflow
COPY --from=build /opt/jiedao /opt/jiedao
ENV PATH=/opt/jiedao/venv/bin:$PATH PYTHONUNBUFFERED=1 DO_NOT_TRACK=1 GX_ANALYTICS_ENABLED=false
WORKDIR /opt/jiedao/app
USER jiedao
CMD ["airflow", "version"]
