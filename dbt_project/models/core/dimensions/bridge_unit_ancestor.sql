{#-
  A chain has at most street, zone, city and province above each other, and one step is kept in hand; the test
  `bridge_unit_ancestor_reaches_the_province` fails when a chain is longer. Steps and no recursion: not every dialect has it.
-#}
{%- set deepest = 4 -%}

with dated_units as (

    select
        *,
        row_number() over (partition by unit_code order by valid_from desc) as from_the_last
    from {{ ref('dim_unit') }}

),

-- a unit that is gone hangs where it hung last: its reports of then still count for whom it reported to
units as (

    select * from dated_units
    where from_the_last = 1

),

parents as (

    select
        'administrative' as tree,
        unit_code,
        admin_parent_code as parent_code
    from units
    union all
    select
        'reporting' as tree,
        unit_code,
        reporting_parent_code as parent_code
    from units

),

step_0 as (

    select
        tree,
        unit_code,
        unit_code as ancestor_code,
        0 as depth
    from parents

),

{% for depth in range(1, deepest + 1) %}
step_{{ depth }} as (

    select
        below.tree,
        below.unit_code,
        parents.parent_code as ancestor_code,
        {{ depth }} as depth
    from step_{{ depth - 1 }} as below
    inner join parents
        on
            below.tree = parents.tree
            and below.ancestor_code = parents.unit_code
    where parents.parent_code is not null

),

{% endfor %}
final as (

    {% for depth in range(deepest + 1) %}
    select
        tree,
        unit_code,
        ancestor_code,
        depth
    from step_{{ depth }}{% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

)

select * from final
