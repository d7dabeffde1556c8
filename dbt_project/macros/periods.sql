{#- Condition that holds for rows of the periods that are built again. -#}
{% macro changed_periods_filter(column) -%}
    {%- set periods = changed_periods() -%}
    {%- if periods is none -%}
        {{ column }} is not null
    {%- else -%}
        {{ column }} in ('{{ periods | join("', '") }}')
    {%- endif -%}
{%- endmacro %}

{#-
  Statement that clears the changed periods from an incremental model before their rows are written again, so that a
  resubmission replaces and a period that lost its rows ends up empty. It stands in the transaction of its model.
-#}
{% macro forget_changed_periods() -%}
    {{ adapter.dispatch('forget_changed_periods', 'jiedao')() }}
{%- endmacro %}

{% macro default__forget_changed_periods() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ changed_periods_filter('period') }}
    {%- endif -%}
{%- endmacro %}

{#-
  Condition of a test for the rows that this build has written: all rows of a table, but of an incremental model only
  those of the changed periods, so that a night does not cost more with every year of history. A model without a period
  (one by stage) is small and looked at as a whole.
-#}
{% macro rows_of_this_build(relation) -%}
    {%- set written = [] -%}
    {%- set nodes = graph.nodes.values() if execute else [] -%}
    {%- for node in nodes if node.name == relation.identifier and 'period' in node.columns -%}
        {%- do written.append(node.config.materialized) -%}
    {%- endfor -%}
    {{ changed_periods_filter('period') if 'incremental' in written else 'true' }}
{%- endmacro %}
