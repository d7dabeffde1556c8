{#-
  The tree as it stood on a day (a date literal or column without alias): `select * from {{ units_on("date '2018-01-01'") }}`.
  In the published file the same is a filter on core.dim_unit: valid_from <= day and (valid_to is null or valid_to > day).
-#}
{% macro units_on(on_day) -%}
    (
        select *
        from {{ ref('dim_unit') }}
        where {{ valid_on('valid_from', 'valid_to', on_day) }}
    )
{%- endmacro %}
