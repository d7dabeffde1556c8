{#- Rows whose `column` is not found in `field` of `to`; an empty one is not looked at. -#}
{% test refers_to(model, column, to, field) %}

select distinct referring.{{ column }}
from {{ model }} as referring
left join (
    select distinct {{ field }} as found_key
    from {{ to }}
) as found on referring.{{ column }} = found.found_key
where
    referring.{{ column }} is not null
    and found.found_key is null
    and {{ rows_of_this_build(model) }}

{% endtest %}
