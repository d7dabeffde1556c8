{{ config(materialized='view') }}

with

ranked as (
    select * from {{ ref('int_stage__ranked') }}
    where unranked_reason is null
),

group_scores as (
    select * from {{ ref('fct_group_score') }}
    where {{ changed_stages_filter('stage_code') }} and score_kind = 'own' and parent_group_code is null
),

papers as (
    select * from {{ ref('papers') }}
    where score_kind = 'own'
),

present_groups as (
    select distinct
        stage_code,
        unit_level,
        paper_code,
        group_code
    from group_scores
),

-- One group at a time weighs more or less by the percentage of the paper; the rest keep their weights.
shifts as (
    select
        present_groups.stage_code,
        present_groups.unit_level,
        present_groups.group_code,
        papers.weight_shift_pct as shift_pct
    from present_groups
    inner join papers
        on
            present_groups.paper_code = papers.paper_code
            and present_groups.unit_level = papers.unit_level
    union all
    select
        present_groups.stage_code,
        present_groups.unit_level,
        present_groups.group_code,
        -papers.weight_shift_pct as shift_pct
    from present_groups
    inner join papers
        on
            present_groups.paper_code = papers.paper_code
            and present_groups.unit_level = papers.unit_level
),

-- All sums in hundredths of thousandths, so that a share of a group is still a whole number.
shifted as (
    select
        ranked.stage_code,
        ranked.unit_code,
        ranked.unit_level,
        ranked.batch_code,
        ranked.street_class,
        ranked.quota_met_count,
        ranked.worst_shortfall,
        ranked.first_clean_at,
        ranked.is_zeroed,
        ranked.score,
        ranked.score_floor,
        ranked.score_cap,
        ranked.total_points,
        shifts.group_code,
        shifts.shift_pct,
        100 * ranked.earned + shifts.shift_pct * coalesce(group_scores.earned, 0) as earned,
        100 * ranked.total_available
        + shifts.shift_pct * coalesce(group_scores.available + group_scores.left_out, 0) as total_available,
        {{ half_up_signed('(100 * ranked.extra + shifts.shift_pct * coalesce(group_scores.extra, 0))', '100') }} as extra
    from ranked
    inner join shifts
        on
            ranked.stage_code = shifts.stage_code
            and ranked.unit_level = shifts.unit_level
    left join group_scores
        on
            ranked.stage_code = group_scores.stage_code
            and ranked.unit_code = group_scores.unit_code
            and shifts.group_code = group_scores.group_code
),

rescored as (
    select
        *,
        case
            when is_zeroed then score
            else {{ clipped(total_score('total_points', 'earned', 'total_available', 'extra'), 'score_floor', 'score_cap') }}
        end as shifted_score
    from shifted
),

reranked as (
    select
        stage_code,
        unit_code,
        rank() over (
            partition by stage_code, unit_level, batch_code, street_class, group_code, shift_pct
            order by
                shifted_score desc, quota_met_count desc, worst_shortfall asc,
                case when first_clean_at is null then 1 else 0 end asc, first_clean_at asc
        ) as shifted_rank
    from rescored
),

final as (
    select
        ranked.stage_code,
        ranked.unit_code,
        least(min(ranked.score_rank), min(coalesce(reranked.shifted_rank, ranked.score_rank))) as rank_low,
        greatest(max(ranked.score_rank), max(coalesce(reranked.shifted_rank, ranked.score_rank))) as rank_high
    from ranked
    left join reranked
        on
            ranked.stage_code = reranked.stage_code
            and ranked.unit_code = reranked.unit_code
    group by ranked.stage_code, ranked.unit_code
)

select * from final
