{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_stages() }}'
) }}

with

scores as (
    select * from {{ ref('fct_stage_score') }}
    where {{ changed_stages_filter('stage_code') }}
),

stage_units as (
    select * from {{ ref('int_stage__roster') }}
    where {{ changed_stages_filter('stage_code') }}
),

stages as (
    select * from {{ ref('stages') }}
),

build as (
    select * from {{ ref('stg_ledger__build') }}
),

baseline_states as (
    select * from {{ ref('baseline_states') }}
),

bands as (
    select * from {{ ref('bands') }}
),

final as (
    select
        scores.stage_code,
        stages.name_zh as stage_name_zh,
        stage_units.unit_code,
        stage_units.unit_name,
        stage_units.unit_level,
        stage_units.district_code,
        stage_units.district_name,
        stage_units.city_code,
        stage_units.city_name,
        stage_units.province_code,
        stage_units.province_name,
        stage_units.batch_code,
        scores.rulebook_version,
        scores.score,
        scores.superior_score,
        scores.score_rank as rank,
        scores.peers_count,
        scores.band_code,
        bands.name_zh as band_zh,
        scores.rule_count,
        scores.rule_met_count,
        scores.quota_met_count,
        stage_units.expected_count,
        stage_units.reported_count,
        stage_units.on_time_count,
        stage_units.late_count,
        stage_units.nil_count,
        stage_units.missing_count,
        stage_units.rejected_count,
        stage_units.not_due_count,
        scores.paper_code,
        scores.max_score,
        cast(nullif(scores.street_class, '') as string) as street_class,
        scores.level_rank,
        scores.level_peers_count,
        scores.previous_score,
        scores.improvement,
        scores.improvement_rank,
        scores.worst_shortfall,
        scores.first_clean_at,
        scores.rank_low,
        scores.rank_high,
        scores.unranked_reason,
        scores.vetoed,
        scores.is_excused,
        scores.is_late_entrant,
        scores.unit_event,
        scores.unit_event_zh,
        scores.baseline_state,
        baseline_states.name_zh as baseline_state_zh,
        stages.closes_on,
        {{ utc_to_local_date('build.known_at') }} <= stages.closes_on as is_provisional
    from scores
    inner join stage_units
        on
            scores.stage_code = stage_units.stage_code
            and scores.unit_code = stage_units.unit_code
    inner join stages on scores.stage_code = stages.stage_code
    cross join build
    inner join baseline_states on scores.baseline_state = baseline_states.baseline_state
    left join bands
        on
            scores.paper_code = bands.paper_code
            and bands.unit_level in (scores.unit_level, 'all')
            and scores.band_code = bands.band_code
)

select * from final
order by stage_code, unit_code
