{#-
  Whole-number arithmetic that gives the same on every engine: no float, no engine's own idea of rounding.
-#}

{#- Quotient of two whole numbers without its remainder. -#}
{% macro whole_quotient(numerator, denominator) -%}
    {{ adapter.dispatch('whole_quotient', 'jiedao')(numerator, denominator) }}
{%- endmacro %}

{% macro default__whole_quotient(numerator, denominator) -%}
    (({{ numerator }}) div ({{ denominator }}))
{%- endmacro %}

{% macro duckdb__whole_quotient(numerator, denominator) -%}
    (({{ numerator }}) // ({{ denominator }}))
{%- endmacro %}

{#- numerator / denominator rounded to a whole number, halves up. Both are whole, numerator >= 0, denominator > 0. -#}
{% macro half_up(numerator, denominator) -%}
    {{ whole_quotient(
        '2 * cast(' ~ numerator ~ ' as bigint) + cast(' ~ denominator ~ ' as bigint)',
        '2 * cast(' ~ denominator ~ ' as bigint)'
    ) }}
{%- endmacro %}

{#- 100 * part / whole as an exact decimal with 4 places, halves up; null when whole is 0. -#}
{% macro percentage(part, whole) -%}
    case
        when {{ whole }} > 0
            then cast(cast({{ half_up('1000000 * ' ~ part, whole) }} as decimal(18, 0)) * 0.0001 as decimal(18, 4))
    end
{%- endmacro %}

{#- A decimal with 4 places as a whole number of ten-thousandths. -#}
{% macro ten_thousandths(value) -%}
    cast(cast({{ value }} as decimal(18, 4)) * 10000 as bigint)
{%- endmacro %}

{#- A decimal as people write it: no zeros behind the last figure, no point behind a whole number. -#}
{% macro plain_number(value) -%}
    regexp_replace(cast(cast({{ value }} as decimal(18, 4)) as string), '[.]?0+$', '')
{%- endmacro %}

{#- Number of the month of a date, counted from year 0. -#}
{% macro month_number(date_column) -%}
    (
            cast(extract(year from {{ date_column }}) as integer) * 12
            + cast(extract(month from {{ date_column }}) as integer)
        )
{%- endmacro %}

{#- Number of a quarter, counted from year 0. -#}
{% macro quarter_number(year_column, quarter_column) -%}
    ({{ year_column }} * 4 + {{ quarter_column }})
{%- endmacro %}

{#-
  How many quarters before its own an indicator may read. The freeze of a build makes as many quarters behind a changed
  one again (warehouse.freeze.LOOK_BACK_QUARTERS); a test holds the two together.
-#}
{% macro look_back_quarters() -%}
    4
{%- endmacro %}

{#- A text of the rule book with its {value} and {threshold} filled in. -#}
{% macro render_message(text, value, threshold) -%}
    replace(replace({{ text }}, '{value}', coalesce({{ plain_number(value) }}, '—')), '{threshold}', {{ threshold }})
{%- endmacro %}
