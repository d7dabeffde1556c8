{#- Whether `value` is one of the values of `list`, which landing joins by 、 (ingest.codes). False for an empty list. -#}
{% macro is_listed(value, list) -%}
    coalesce({{ dbt.position("concat('、', " ~ value ~ ", '、')", "concat('、', " ~ list ~ ", '、')") }} > 0, false)
{%- endmacro %}
