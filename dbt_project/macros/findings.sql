{#- The text of a finding with its blanks filled in, as ingest fills them. -#}
{% macro filled_text(text, header, raw, expected) -%}
    replace(replace(replace({{ text }}, '{header}', {{ header }}), '{raw}', {{ raw }}), '{expected}', {{ expected }})
{%- endmacro %}

{#- Rows of one numeric field of a fact, as they are held against those of other streets. -#}
{% macro numeric_rows(fact, entity, field, column) -%}
    select
        submission_id,
        unit_code,
        period,
        '{{ entity }}' as entity,
        '{{ field }}' as field,
        row,
        cast({{ column }} as double) as amount
    from {{ ref(fact) }}
    where {{ column }} is not null and {{ changed_periods_filter('period') }}
{%- endmacro %}

{#- A number as people write it: whole where it is whole, else with two decimals. -#}
{% macro number_text(number) -%}
    case
        when {{ number }} = floor({{ number }}) then cast(cast({{ number }} as bigint) as string)
        else cast(cast({{ number }} as decimal(18, 2)) as string)
    end
{%- endmacro %}
