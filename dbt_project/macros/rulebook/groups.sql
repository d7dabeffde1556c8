{#- The columns that tell the groups of units apart. -#}
{% macro group_key(alias) -%}
    {{ alias }}.stage_code,
    {{ alias }}.unit_code,
    {{ alias }}.unit_level,
    {{ alias }}.paper_code,
    {{ alias }}.score_kind
{%- endmacro %}

{#- Condition that two rows are about groups of the same score. -#}
{% macro same_score(one, other) -%}
    {{ one }}.stage_code = {{ other }}.stage_code
            and {{ one }}.unit_code = {{ other }}.unit_code
            and {{ one }}.score_kind = {{ other }}.score_kind
{%- endmacro %}
