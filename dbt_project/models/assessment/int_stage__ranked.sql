{{ config(materialized='view') }}

with

scored as (
    select * from {{ ref('int_stage__scored') }}
),

baselines as (
    select * from {{ ref('int_stage__baseline') }}
),

-- Told in points of this stage's paper, so that papers with another total can be compared.
improved as (
    select
        scored.*,
        baselines.baseline_state,
        {{ half_up('baselines.score * scored.max_score', 'greatest(baselines.max_score, 1)') }} as previous_score
    from scored
    inner join baselines
        on
            scored.stage_code = baselines.stage_code
            and scored.unit_code = baselines.unit_code
    where {{ changed_stages_filter('scored.stage_code') }}
),

-- Ties: more quotas met, smaller worst shortfall, earlier first clean report; else the rank is shared.
ranked as (
    select
        *,
        rank() over (
            partition by stage_code, unit_level, batch_code, street_class, case when unranked_reason is null then 1 else 0 end
            order by
                score desc, quota_met_count desc, worst_shortfall asc,
                case when first_clean_at is null then 1 else 0 end asc, first_clean_at asc
        ) as peer_rank,
        rank() over (
            partition by stage_code, unit_level, case when unranked_reason is null then 1 else 0 end
            order by
                score desc, quota_met_count desc, worst_shortfall asc,
                case when first_clean_at is null then 1 else 0 end asc, first_clean_at asc
        ) as whole_level_rank,
        sum(case when unranked_reason is null then 1 else 0 end) over (
            partition by stage_code, unit_level, batch_code, street_class
        ) as peers_count,
        sum(case when unranked_reason is null then 1 else 0 end) over (
            partition by stage_code, unit_level
        ) as level_peers_count,
        rank() over (
            partition by
                stage_code, unit_level, batch_code, street_class,
                case when unranked_reason is null and previous_score is not null then 1 else 0 end
            order by score - previous_score desc
        ) as risen_rank
    from improved
),

final as (
    select
        stage_code,
        paper_code,
        rulebook_version,
        unit_code,
        unit_level,
        batch_code,
        street_class,
        score,
        max_score,
        superior_score,
        rule_count,
        rule_met_count,
        quota_met_count,
        worst_shortfall,
        first_clean_at,
        expected_count,
        reported_count,
        is_excused,
        is_late_entrant,
        is_gone,
        vetoed,
        is_zeroed,
        veto_band_order,
        unranked_reason,
        score_floor,
        score_cap,
        total_points,
        earned,
        available,
        total_available,
        extra,
        baseline_state,
        previous_score,
        peers_count,
        level_peers_count,
        case when unranked_reason is null then peer_rank end as score_rank,
        case when unranked_reason is null then whole_level_rank end as level_rank,
        case when score is not null then score - previous_score end as improvement,
        case when unranked_reason is null and score - previous_score is not null then risen_rank end as improvement_rank
    from ranked
)

select * from final
