{#- Rows of this build for which `expression` is false or cannot be told. -#}
{% test expression_holds(model, expression) %}

select *
from {{ model }}
where
    {{ rows_of_this_build(model) }}
    and not coalesce(({{ expression }}), false)

{% endtest %}
