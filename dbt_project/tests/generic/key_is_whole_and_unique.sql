{#- Rows whose key has a missing part or comes twice. Of an incremental model only the changed periods are looked at. -#}
{% test key_is_whole_and_unique(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
where {{ rows_of_this_build(model) }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
