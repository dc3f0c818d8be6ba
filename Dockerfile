# One image for every process of Utpadan: Airflow, the command line, the stand-in portals.
FROM python:3.11.15-slim-bookworm AS python
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /opt/utpadan

FROM python AS build
RUN python -m venv --without-pip /opt/venv
COPY requirements.lock ./
RUN --mount=type=cache,target=/root/.cache/pip \
    /usr/local/bin/pip --python /opt/venv/bin/python install --disable-pip-version-check \
    --no-deps --require-hashes --prefer-binary -r requirements.lock
COPY . .
RUN /usr/local/bin/pip --python /opt/venv/bin/python install --disable-pip-version-check \
    --no-deps --no-build-isolation --editable . \
    && python -m compileall -q utpadan portals dags sources
# What a build of the marts derives from the contracts, as nothing is written here later; and the psql
# that a wheel brings, on the PATH.
RUN python -c "from utpadan.source import load_sources; \
    from utpadan.transform.build import PROJECT; \
    from utpadan.transform.properties import write_contracts; \
    write_contracts(load_sources(), PROJECT)" \
    && ln -s "$(python -c 'from utpadan.local import psql_program; print(psql_program())')" \
    /opt/venv/bin/psql

FROM python
RUN groupadd --gid 10001 utpadan \
    && useradd --uid 10001 --gid utpadan --home-dir /tmp --no-create-home utpadan \
    && install --directory --owner utpadan --group utpadan --mode 0750 /var/lib/utpadan \
    /var/lib/utpadan/airflow /var/lib/utpadan/archive /var/lib/utpadan/data_docs \
    /var/lib/utpadan/dbt /var/lib/utpadan/exports /var/lib/utpadan/logs
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/utpadan /opt/utpadan
# The commit that a release names.
ARG GIT_SHA=
ENV PYTHONDONTWRITEBYTECODE=1 UTPADAN_GIT_SHA=$GIT_SHA
USER 10001:10001
CMD ["utpadan", "--help"]
