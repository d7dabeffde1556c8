{#- Depths of the groups, as int_score_group__nested knows them. -#}
{%- set depths = [1, 2, 3, 4] %}

{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_stages() }}'
) }}

with

lines as (
    select * from {{ ref('int_score_line__earned') }}
    where {{ changed_stages_filter('stage_code') }}
),

score_groups as (
    select * from {{ ref('int_score_group__nested') }}
),

papers as (
    select * from {{ ref('papers') }}
),

vetoes as (
    select distinct
        stage_code,
        unit_code,
        group_code
    from {{ ref('int_stage__veto') }}
    where veto_effect = 'zero_group'
),

item_sums as (
    select
        stage_code,
        unit_code,
        unit_level,
        paper_code,
        score_kind,
        group_code,
        sum(case when is_in_denominator then earned_points else 0 end) as item_earned,
        sum(case when is_in_denominator then points_units else 0 end) as item_available,
        sum(case when is_left_out then points_units else 0 end) as item_left,
        sum(case when is_in_denominator or is_left_out then points_units else 0 end) as item_points,
        sum(case when counts_as = 'extra' then coalesce(earned_points, 0) else 0 end) as item_extra,
        sum(case when is_in_denominator or (counts_as = 'extra' and method <> 'veto') then 1 else 0 end) as line_count
    from lines
    group by stage_code, unit_code, unit_level, paper_code, score_kind, group_code
),

-- From the deepest groups up: a group holds its items and, each brought to its own points, the groups that lie in it.
{%- for depth in depths | reverse %}

held_{{ depth }} as (
    select
        {{ group_key('item_sums') }},
        item_sums.group_code,
        item_sums.item_earned,
        item_sums.item_available,
        item_sums.item_left,
        item_sums.item_points,
        item_sums.item_extra,
        item_sums.line_count
    from item_sums
    {%- if not loop.first %}
    union all
    select
        {{ group_key('below') }},
        below.parent_group_code as group_code,
        below.counted_earned as item_earned,
        below.available as item_available,
        below.left_out as item_left,
        below.available + below.left_out as item_points,
        below.counted_extra as item_extra,
        below.line_count
    from ruled_{{ depth + 1 }} as below
    {%- endif %}
),

summed_{{ depth }} as (
    select
        {{ group_key('held') }},
        held.group_code,
        score_groups.parent_group_code,
        score_groups.group_points,
        score_groups.group_cap,
        score_groups.group_floor,
        sum(held.item_earned) as item_earned,
        sum(held.item_available) as item_available,
        sum(held.item_left) as item_left,
        sum(held.item_points) as item_points,
        sum(held.item_extra) as item_extra,
        sum(held.line_count) as line_count
    from held_{{ depth }} as held
    inner join score_groups
        on
            held.paper_code = score_groups.paper_code
            and held.group_code = score_groups.group_code
            and score_groups.depth = {{ depth }}
    group by
        {{ group_key('held') }},
        held.group_code,
        score_groups.parent_group_code,
        score_groups.group_points,
        score_groups.group_cap,
        score_groups.group_floor
),

-- A group with points of its own has what it holds brought to them, what is left out included; one with a cap gives
-- and weighs no more than that.
scaled_{{ depth }} as (
    select
        *,
        case
            when group_points is not null and item_points > 0
                then {{ half_up_signed('group_points * item_earned', 'item_points') }}
            else least(item_earned, coalesce(group_cap, item_earned))
        end as earned,
        case
            when group_points is not null and item_points > 0
                then {{ half_up('group_points * item_available', 'item_points') }}
            else least(item_available, coalesce(group_cap, item_available))
        end as available,
        case
            when group_points is not null and item_points > 0
                then group_points - {{ half_up('group_points * item_available', 'item_points') }}
            else least(item_left, greatest(coalesce(group_cap, item_left) - item_available, 0))
        end as left_out
    from summed_{{ depth }}
),

limited_{{ depth }} as (
    select
        *,
        {{ clipped('earned + item_extra', 'group_floor', 'group_cap') }} - earned as extra
    from scaled_{{ depth }}
),

ruled_{{ depth }} as (
    select
        limited.*,
        vetoes.group_code is not null as is_vetoed,
        case when vetoes.group_code is null then limited.earned else 0 end as counted_earned,
        case when vetoes.group_code is null then limited.extra else least(limited.extra, 0) end as counted_extra
    from limited_{{ depth }} as limited
    left join vetoes
        on
            limited.stage_code = vetoes.stage_code
            and limited.unit_code = vetoes.unit_code
            and limited.group_code = vetoes.group_code
            and limited.score_kind = 'own'
),
{%- endfor %}

totals as (
    select
        stage_code,
        unit_code,
        score_kind,
        sum(available + left_out) as total_available
    from ruled_1
    group by stage_code, unit_code, score_kind
),

-- From the first depth down: what one thousandth of a point of the group is worth in the score, in billionths.
weighed_1 as (
    select
        ruled_1.*,
        {{ thousandths('papers.total_points') }} as total_points,
        totals.total_available,
        case
            when totals.total_available > 0
                then {{ half_up('1000000000 * ' ~ thousandths('papers.total_points'), 'totals.total_available') }}
            else 0
        end as worth
    from ruled_1
    inner join totals
        on
            {{ same_score('ruled_1', 'totals') }}
    inner join papers
        on
            ruled_1.paper_code = papers.paper_code
            and ruled_1.unit_level = papers.unit_level
            and ruled_1.score_kind = papers.score_kind
),
{%- for depth in depths[1:] %}

weighed_{{ depth }} as (
    select
        ruled_{{ depth }}.*,
        parents.total_points,
        parents.total_available,
        case
            when parents.group_points is not null and parents.item_points > 0
                then {{ half_up('parents.worth * parents.group_points', 'parents.item_points') }}
            else parents.worth
        end as worth
    from ruled_{{ depth }}
    inner join weighed_{{ depth - 1 }} as parents
        on
            {{ same_score('ruled_' ~ depth, 'parents') }}
            and ruled_{{ depth }}.parent_group_code = parents.group_code
),
{%- endfor %}

weighed as (
    {%- for depth in depths %}
    select * from weighed_{{ depth }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        stage_code,
        unit_code,
        unit_level,
        paper_code,
        score_kind,
        group_code,
        parent_group_code,
        cast(counted_earned as bigint) as earned,
        cast(available as bigint) as available,
        cast(left_out as bigint) as left_out,
        cast(counted_extra as bigint) as extra,
        cast(item_points as bigint) as item_points,
        cast(group_points as bigint) as group_points,
        cast(total_points as bigint) as total_points,
        cast(total_available as bigint) as total_available,
        cast(worth as bigint) as worth,
        cast(line_count as integer) as line_count,
        is_vetoed,
        cast(case
            when parent_group_code is null
                then {{ total_score('total_points', 'counted_earned', 'total_available', 'counted_extra') }}
            else {{ half_up_signed('worth * counted_earned', '1000000000') }} + counted_extra
        end as integer) as points,
        cast(case
            when parent_group_code is null
                then {{ total_score('total_points', 'available', 'total_available', '0') }}
            else {{ half_up('worth * available', '1000000000') }}
        end as integer) as max_points
    from weighed
)

select * from final
order by stage_code, unit_code
