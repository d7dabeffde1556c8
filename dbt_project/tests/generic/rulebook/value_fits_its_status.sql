{#- A status is one of the closed set, and only a value that counts stands in the row. -#}
{% test value_fits_its_status(model) %}

select *
from {{ model }}
where
    status is null
    or status not in ('measured', 'provisional', 'incomplete', 'not_applicable', 'not_evaluated', 'not_due')
    or (value is not null and status in ('not_applicable', 'not_evaluated', 'not_due'))

{% endtest %}
