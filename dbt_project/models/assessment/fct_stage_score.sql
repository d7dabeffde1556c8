{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_stages() }}'
) }}

-- Which rows the hook forgets is looked up there. depends_on: {{ ref('stages') }}

with

ranked as (
    select * from {{ ref('int_stage__ranked') }}
    where {{ changed_stages_filter('stage_code') }}
),

rank_bands as (
    select * from {{ ref('int_stage__rank_band') }}
),

unit_changes as (
    select * from {{ ref('int_stage__unit_change') }}
),

score_bands as (
    select * from {{ ref('int_stage__band') }}
),

final as (
    select
        ranked.stage_code,
        ranked.unit_code,
        ranked.unit_level,
        ranked.rulebook_version,
        ranked.score,
        ranked.superior_score,
        cast(ranked.score_rank as integer) as score_rank,
        cast(ranked.peers_count as integer) as peers_count,
        score_bands.band_code,
        ranked.rule_count,
        ranked.rule_met_count,
        ranked.quota_met_count,
        ranked.expected_count,
        ranked.reported_count,
        ranked.paper_code,
        ranked.max_score,
        ranked.batch_code,
        ranked.street_class,
        cast(ranked.level_rank as integer) as level_rank,
        cast(ranked.level_peers_count as integer) as level_peers_count,
        cast(ranked.previous_score as integer) as previous_score,
        cast(ranked.improvement as integer) as improvement,
        cast(ranked.improvement_rank as integer) as improvement_rank,
        ranked.worst_shortfall,
        ranked.first_clean_at,
        cast(rank_bands.rank_low as integer) as rank_low,
        cast(rank_bands.rank_high as integer) as rank_high,
        ranked.unranked_reason,
        ranked.vetoed,
        ranked.is_excused,
        ranked.is_late_entrant,
        ranked.baseline_state,
        unit_changes.unit_event,
        unit_changes.unit_event_zh
    from ranked
    left join rank_bands
        on
            ranked.stage_code = rank_bands.stage_code
            and ranked.unit_code = rank_bands.unit_code
    left join unit_changes
        on
            ranked.stage_code = unit_changes.stage_code
            and ranked.unit_code = unit_changes.unit_code
    left join score_bands
        on
            ranked.stage_code = score_bands.stage_code
            and ranked.unit_code = score_bands.unit_code
)

select * from final
order by stage_code, unit_code
