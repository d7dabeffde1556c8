{#-
  The files that the warehouse reads. Each macro names its dbt source as well, for the lineage and the docs, and gives
  back the text of a table expression. Only staging uses them.
-#}

{#- Rows of one lake table, in the changed periods only, with the period of the folder as `lake_period`. -#}
{% macro lake(table) -%}
    {%- set lineage = source('lake', table) -%}
    {{ adapter.dispatch('read_lake', 'jiedao')(home() ~ '/lake/' ~ table) }}
{%- endmacro %}

{% macro default__read_lake(folder) -%}
    {#- The file without rows comes first: it gives the columns while nobody has reported. It has no folder of a
        period, so the period is taken from the path and not from Hive partitioning, which wants it of every file. A batch
        landed before a column was added has none of it: columns go by name. -#}
    (
        select
            *,
            regexp_extract(filename, 'period=([^/]+)/[^/]+$', 1) as lake_period
        from read_parquet(
            {{ lake_globs(folder) }},
            hive_partitioning = false,
            filename = true,
            union_by_name = true
        )
    )
{%- endmacro %}

{#- List of patterns of the lake files to read. DuckDB refuses a pattern without a match, so each is looked up first. -#}
{% macro lake_globs(folder) %}
    {%- set periods = changed_periods() -%}
    {%- if periods is none or not execute -%}
        {% do return("['" ~ folder ~ "/**/*.parquet']") %}
    {%- endif -%}
    {%- set patterns = [folder ~ '/schema.parquet'] -%}
    {%- set wanted -%}
        {%- for period in periods %}
        select '{{ folder }}/period={{ period }}/*.parquet' as pattern
        where exists (select 1 from glob('{{ folder }}/period={{ period }}/*.parquet'))
        {%- if not loop.last %} union all {% endif -%}
        {%- endfor -%}
    {%- endset -%}
    {%- for row in run_query(wanted).rows -%}
        {%- do patterns.append(row[0]) -%}
    {%- endfor -%}
    {% do return("['" ~ patterns | join("', '") ~ "']") %}
{% endmacro %}

{#- One of the tables that were frozen from the ledger for this build. -#}
{% macro frozen(table) -%}
    {%- set lineage = source('frozen', table) -%}
    {{ adapter.dispatch('read_parquet_file', 'jiedao')(build_dir() ~ '/inputs/' ~ table ~ '.parquet') }}
{%- endmacro %}

{#- One of the tables that judging has left for this build. -#}
{% macro judged(table) -%}
    {%- set lineage = source('judged', table) -%}
    {{ adapter.dispatch('read_parquet_file', 'jiedao')(build_dir() ~ '/judged/' ~ table ~ '.parquet') }}
{%- endmacro %}

{#- A reference file, by name and kind (`parquet` or `csv`). -#}
{% macro reference(table, kind) -%}
    {%- set lineage = source('reference', table) -%}
    {%- set path = reference_dir() ~ '/' ~ table ~ '.' ~ kind -%}
    {%- if kind == 'csv' -%}
        {{ adapter.dispatch('read_csv_file', 'jiedao')(path) }}
    {%- else -%}
        {{ adapter.dispatch('read_parquet_file', 'jiedao')(path) }}
    {%- endif -%}
{%- endmacro %}

{#- A table that is kept with the forms; `file` where it is called otherwise there. -#}
{% macro forms(table, file=none) -%}
    {%- set lineage = source('forms', table) -%}
    {{ adapter.dispatch('read_csv_file', 'jiedao')(forms_dir() ~ '/' ~ (file or table) ~ '.csv') }}
{%- endmacro %}

{#- A file of the catalogue of findings, which lies beside the forms. -#}
{% macro catalogue(table) -%}
    {%- set lineage = source('catalogue', table) -%}
    {{ adapter.dispatch('read_csv_file', 'jiedao')(forms_dir() ~ '/../' ~ table ~ '.csv') }}
{%- endmacro %}

{% macro default__read_parquet_file(path) -%}
    read_parquet('{{ path }}')
{%- endmacro %}

{#- Every column of a text file is read as text: codes must not lose their leading zeros. -#}
{% macro default__read_csv_file(path) -%}
    read_csv('{{ path }}', header = true, all_varchar = true)
{%- endmacro %}
