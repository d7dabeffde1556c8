{#- numerator / denominator ten-thousandths as a decimal with 4 places, halves up; null when the denominator is 0. -#}
{% macro quotient_of_ten_thousandths(numerator, denominator) -%}
    case
        when {{ denominator }} > 0
            then cast(cast({{ half_up(numerator, denominator) }} as decimal(18, 0)) * 0.0001 as decimal(18, 4))
    end
{%- endmacro %}
