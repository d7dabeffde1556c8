{#- Rows in which one of the columns is missing. Of an incremental model only the changed periods are looked at. -#}
{% test key_is_whole(model, columns) %}

select *
from {{ model }}
where
    {{ rows_of_this_build(model) }}
    and (
        {%- for column in columns %}
        {{ column }} is null{% if not loop.last %} or{% endif %}
        {%- endfor %}
    )

{% endtest %}
