{#-
  Codes that their list does not allow, in the changed periods. `columns` gives the code list of each column; an empty
  code is not looked at.
-#}
{% test codes_are_listed(model, code_lists, columns) %}

with used as (
    {% for column, code_list in columns.items() %}
    select distinct
        '{{ code_list }}' as code_list,
        {{ column }} as value_zh
    from {{ model }}
    where
        {{ column }} is not null
        and {{ rows_of_this_build(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    used.code_list,
    used.value_zh
from used
left join {{ code_lists }} as allowed
    on
        used.code_list = allowed.code_list
        and used.value_zh = allowed.value_zh
where allowed.value_zh is null

{% endtest %}
