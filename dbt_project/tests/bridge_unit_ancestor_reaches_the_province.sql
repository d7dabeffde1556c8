-- Current units whose chain of ancestors does not end in a province, in one of the trees
with chains as (

    select
        bridges.tree,
        bridges.unit_code,
        max(case when ancestors.unit_level = 'province' then 1 else 0 end) as reaches_province
    from {{ ref('bridge_unit_ancestor') }} as bridges
    inner join {{ ref('dim_unit_current') }} as ancestors on bridges.ancestor_code = ancestors.unit_code
    group by bridges.tree, bridges.unit_code

)

select *
from chains
where reaches_province = 0
