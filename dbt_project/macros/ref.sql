{#-
  A reference without the name of the database. DuckDB names a database after its file, and a view keeps the names it
  was written with: a view that said "build_17"."core"."dim_unit" could not be read in the published warehouse.duckdb.
-#}
{% macro ref() %}
    {%- set version = kwargs.get('version') or kwargs.get('v') -%}
    {%- if varargs | length == 2 -%}
        {%- set relation = builtins.ref(varargs[0], varargs[1], version=version) -%}
    {%- else -%}
        {%- set relation = builtins.ref(varargs[0], version=version) -%}
    {%- endif -%}
    {% do return(relation.include(database=false)) %}
{% endmacro %}
