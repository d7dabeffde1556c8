{#- Condition that holds for rows of the stages that a period which is built again belongs to. -#}
{% macro changed_stages_filter(column) -%}
    {#- Named whatever is asked, so that dbt knows the dependency when it has parsed the project for other periods. -#}
    {%- set stages = ref('stages') -%}
    {%- set periods = changed_periods() -%}
    {%- if periods is none -%}
        {{ column }} is not null
    {%- else -%}
        {{ column }} in (
            select changed_stages.stage_code
            from {{ stages }} as changed_stages
            where
                {%- for period in periods %}
                {% if not loop.first %}or {% endif -%}
                '{{ period }}' between changed_stages.first_period and changed_stages.last_period
                {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}

{#- Statement that clears the changed stages from an incremental model before their rows are written again. -#}
{% macro forget_changed_stages() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ changed_stages_filter('stage_code') }}
    {%- endif -%}
{%- endmacro %}
