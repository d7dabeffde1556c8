{#-
  Quotients of amounts. An amount in ten-thousandths times a number of streets does not fit 64 bits once a clerk has
  typed a few zeros too many, and an overflow would end the night: these reckon in wider whole numbers.
-#}
{% macro wide_integer() -%}
    {{ adapter.dispatch('wide_integer', 'jiedao')() }}
{%- endmacro %}

{% macro default__wide_integer() -%}
    decimal(38, 0)
{%- endmacro %}

{% macro duckdb__wide_integer() -%}
    hugeint
{%- endmacro %}

{#- An amount with two decimals as a whole number of cents. -#}
{% macro whole_cents(amount) -%}
    cast(({{ amount }}) * 100 as {{ wide_integer() }})
{%- endmacro %}

{#-
  numerator / denominator as an exact decimal with 4 places, halves up; null when the denominator is 0. Both are whole
  numbers >= 0. What is larger than a value can be is given as the largest value there is.
-#}
{% macro wide_ratio(numerator, denominator) -%}
    case
        when {{ denominator }} > 0
            then cast(
                cast(
                    least(
                        {{ whole_quotient(
                            '20000 * cast(' ~ numerator ~ ' as ' ~ wide_integer() ~ ')'
                            ~ ' + cast(' ~ denominator ~ ' as ' ~ wide_integer() ~ ')',
                            '2 * cast(' ~ denominator ~ ' as ' ~ wide_integer() ~ ')'
                        ) }},
                        999999999999999999
                    ) as decimal(18, 0)
                ) * 0.0001 as decimal(18, 4)
            )
    end
{%- endmacro %}

{#- A sum as a value, which has 18 digits; what is larger is given as the largest there is. -#}
{% macro as_value(figure) -%}
    cast(case when {{ figure }} > 99999999999999 then 99999999999999 else {{ figure }} end as decimal(18, 4))
{%- endmacro %}
