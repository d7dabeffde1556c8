{#- For models that list what must not be. -#}
{% test has_no_rows(model) %}

select * from {{ model }}

{% endtest %}
