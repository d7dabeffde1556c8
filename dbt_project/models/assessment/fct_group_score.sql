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
    select * from {{ ref('score_groups') }}
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

summed as (
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

bounded as (
    select
        summed.*,
        {{ thousandths('score_groups.points') }} as group_points,
        {{ thousandths('score_groups.cap') }} as group_cap,
        {{ thousandths('score_groups.floor') }} as group_floor
    from summed
    inner join score_groups
        on
            summed.paper_code = score_groups.paper_code
            and summed.group_code = score_groups.group_code
),

-- A group with points of its own has its items brought to them, those left out included; one with a cap gives and
-- weighs no more than that.
scaled as (
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
    from bounded
),

limited as (
    select
        *,
        {{ clipped('earned + item_extra', 'group_floor', 'group_cap') }} - earned as extra
    from scaled
),

ruled as (
    select
        limited.*,
        vetoes.group_code is not null as is_vetoed,
        case when vetoes.group_code is null then limited.earned else 0 end as counted_earned,
        case when vetoes.group_code is null then limited.extra else least(limited.extra, 0) end as counted_extra
    from limited
    left join vetoes
        on
            limited.stage_code = vetoes.stage_code
            and limited.unit_code = vetoes.unit_code
            and limited.group_code = vetoes.group_code
            and limited.score_kind = 'own'
),

totalled as (
    select
        ruled.*,
        {{ thousandths('papers.total_points') }} as total_points,
        sum(ruled.available + ruled.left_out) over (
            partition by ruled.stage_code, ruled.unit_code, ruled.score_kind
        ) as total_available
    from ruled
    inner join papers
        on
            ruled.paper_code = papers.paper_code
            and ruled.unit_level = papers.unit_level
            and ruled.score_kind = papers.score_kind
),

final as (
    select
        stage_code,
        unit_code,
        unit_level,
        paper_code,
        score_kind,
        group_code,
        cast(counted_earned as bigint) as earned,
        cast(available as bigint) as available,
        cast(left_out as bigint) as left_out,
        cast(counted_extra as bigint) as extra,
        cast(item_points as bigint) as item_points,
        cast(group_points as bigint) as group_points,
        cast(total_points as bigint) as total_points,
        cast(total_available as bigint) as total_available,
        cast(line_count as integer) as line_count,
        is_vetoed,
        cast({{ total_score('total_points', 'counted_earned', 'total_available', 'counted_extra') }} as integer)
            as points,
        cast({{ total_score('total_points', 'available', 'total_available', '0') }} as integer) as max_points
    from totalled
)

select * from final
order by stage_code, unit_code
