{#-
  Rows of a CTE with unit_code and period, and those of the reports that a unit carries on (int_unit__carried_reports): what a
  street told before it got another code, or went into this one, told as its own. `columns` are the others to keep.
-#}
{% macro with_carried_reports(rows, columns) -%}
    select
        unit_code,
        period,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        false as is_carried
    from {{ rows }}
    union all
    select
        carried.unit_code,
        {{ rows }}.period,
        {%- for column in columns %}
        {{ rows }}.{{ column }},
        {%- endfor %}
        true as is_carried
    from {{ rows }}
    inner join {{ ref('int_unit__carried_reports') }} as carried
        on {{ rows }}.unit_code = carried.part_code and {{ rows }}.period = carried.period
{%- endmacro %}
