{#- Date `days` days after `from_date`; adding to a date makes an instant in some dialects. -#}
{% macro plus_days(from_date, days) -%}
    cast({{ dbt.dateadd('day', days, from_date) }} as date)
{%- endmacro %}

{#- Date `months` months after `from_date`. -#}
{% macro plus_months(from_date, months) -%}
    cast({{ dbt.dateadd('month', months, from_date) }} as date)
{%- endmacro %}

{#- Instant in UTC that lies `minutes` after the local midnight at which `from_date` begins. -#}
{% macro local_minutes_to_utc(from_date, minutes) -%}
    {{ dbt.dateadd('minute', '(' ~ minutes ~ ') - ' ~ var('utc_offset_minutes'), 'cast(' ~ from_date ~ ' as timestamp)') }}
{%- endmacro %}

{#- Local day of an instant in UTC. -#}
{% macro utc_to_local_date(instant) -%}
    cast({{ dbt.dateadd('minute', var('utc_offset_minutes'), instant) }} as date)
{%- endmacro %}

{#- Whether the span from `starts_on` to `ends_on` (its last day, null = open) holds on the day `on_day`. -#}
{% macro holds_on(starts_on, ends_on, on_day) -%}
    ({{ starts_on }} <= {{ on_day }} and ({{ ends_on }} is null or {{ ends_on }} >= {{ on_day }}))
{%- endmacro %}

{#- Whether a row valid from `valid_from` up to, but not on, `valid_to` (null = open) is valid on the day `on_day`. -#}
{% macro valid_on(valid_from, valid_to, on_day) -%}
    ({{ valid_from }} <= {{ on_day }} and ({{ valid_to }} is null or {{ valid_to }} > {{ on_day }}))
{%- endmacro %}

{#- Whole days from one date to another. -#}
{% macro days_between(from_date, to_date) -%}
    cast({{ dbt.datediff(from_date, to_date, 'day') }} as int)
{%- endmacro %}

{#- Local day that an instant in UTC closes: midnight closes the day before it. -#}
{% macro day_ended_by(instant) -%}
    {{ utc_to_local_date(dbt.dateadd('second', -1, instant)) }}
{%- endmacro %}
