{#-
  What the caller says about this build. A command-line variable wins over the environment. The environment is cheaper
  from night to night: other values of command-line variables make dbt parse the whole project again.
-#}

{#- Value of an environment variable, read when a model runs and not when it is parsed: parsing would remember it. -#}
{% macro told_by_environment(name, default) %}
    {% do return(env_var(name, default) if execute else default) %}
{% endmacro %}

{#- Folder that holds the state of the product, the lake among it. -#}
{% macro home() -%}
    {{ var('home', told_by_environment('JIEDAO_HOME', '../data')) }}
{%- endmacro %}

{#- Folder of this build, with `inputs/` (frozen from the ledger) and `judged/` (results of Great Expectations). -#}
{% macro build_dir() -%}
    {{ var('build_dir', told_by_environment('JIEDAO_BUILD_DIR', home() ~ '/builds/current')) }}
{%- endmacro %}

{#- Folder of the reference files that are kept with the code. -#}
{% macro reference_dir() -%}
    {{ var('reference_dir', told_by_environment('JIEDAO_REFERENCE_DIR', '../reference')) }}
{%- endmacro %}

{#- Folder of the forms, for the code lists that a field may take. -#}
{% macro forms_dir() -%}
    {{ var('forms_dir', told_by_environment('JIEDAO_FORMS_DIR', '../ingest/forms')) }}
{%- endmacro %}

{#-
  List of the periods whose rows are built again, or none when nothing was said, which means every period. Files that
  name no period are always among them.
-#}
{% macro changed_periods() %}
    {%- set told = var('changed_periods', none) -%}
    {%- set listed = told_by_environment('JIEDAO_CHANGED_PERIODS', '*') -%}
    {%- if told is none and listed != '*' -%}
        {%- set told = listed.split(',') | select | list -%}
    {%- endif -%}
    {% do return(none if told is none else (told + [var('no_period')]) | unique | list) %}
{% endmacro %}
