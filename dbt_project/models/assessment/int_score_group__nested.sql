{{ config(materialized='view') }}

{#- At most four groups lie in each other. -#}
{%- set depths = [1, 2, 3, 4] %}
{%- set parents = depths[:-1] %}

with

score_groups as (
    select * from {{ ref('score_groups') }}
),

subgroups as (
    select * from {{ ref('score_subgroups') }}
),

final as (
    select
        score_groups.paper_code,
        score_groups.group_code,
        lies_in_1.parent_group_code,
        cast(case
            {%- for depth in depths %}
            when lies_in_{{ depth }}.parent_group_code is null then {{ depth }}
            {%- endfor %}
        end as integer) as depth,
        concat(
            {%- for depth in parents | reverse %}
            case when parent_{{ depth }}.name_zh is null then '' else concat(parent_{{ depth }}.name_zh, ' · ') end,
            {%- endfor %}
            score_groups.name_zh
        ) as path_zh,
        score_groups.sort_order,
        {{ thousandths('score_groups.points') }} as group_points,
        {{ thousandths('score_groups.cap') }} as group_cap,
        {{ thousandths('score_groups.floor') }} as group_floor
    from score_groups
    left join subgroups as lies_in_1
        on
            score_groups.paper_code = lies_in_1.paper_code
            and score_groups.group_code = lies_in_1.group_code
    {%- for depth in parents %}
    left join subgroups as lies_in_{{ depth + 1 }}
        on
            lies_in_{{ depth }}.paper_code = lies_in_{{ depth + 1 }}.paper_code
            and lies_in_{{ depth }}.parent_group_code = lies_in_{{ depth + 1 }}.group_code
    {%- endfor %}
    {%- for depth in parents %}
    left join score_groups as parent_{{ depth }}
        on
            score_groups.paper_code = parent_{{ depth }}.paper_code
            and lies_in_{{ depth }}.parent_group_code = parent_{{ depth }}.group_code
    {%- endfor %}
)

select * from final
