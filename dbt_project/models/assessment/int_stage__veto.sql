{{ config(materialized='table') }}

with

records as (
    select * from {{ ref('stg_ledger__decision_record') }}
    where kind = 'veto'
),

stage_units as (
    select * from {{ ref('int_stage__roster') }}
),

stages as (
    select * from {{ ref('stages') }}
),

papers as (
    select * from {{ ref('papers') }}
    where score_kind = 'own'
),

items as (
    select * from {{ ref('score_items') }}
),

bands as (
    select * from {{ ref('bands') }}
),

-- Only what an office has recorded vetoes; the last record about the same ground stands.
dated as (
    select
        stage_code,
        unit_code,
        rule_id as ground,
        outcome,
        row_number() over (
            partition by stage_code, unit_code, coalesce(rule_id, '') order by decided_at desc, record_id desc
        ) as recency
    from records
),

final as (
    select
        dated.stage_code,
        dated.unit_code,
        dated.ground,
        items.group_code,
        bands.sort_order as veto_band_order,
        coalesce(items.veto_effect, papers.veto_effect) as veto_effect
    from dated
    inner join stages on dated.stage_code = stages.stage_code
    inner join stage_units
        on
            dated.stage_code = stage_units.stage_code
            and dated.unit_code = stage_units.unit_code
    inner join papers
        on
            stages.paper_code = papers.paper_code
            and stage_units.unit_level = papers.unit_level
    left join items
        on
            stages.paper_code = items.paper_code
            and stage_units.unit_level = items.unit_level
            and items.score_kind = 'own'
            and dated.ground = items.item_code
    left join bands
        on
            stages.paper_code = bands.paper_code
            and bands.unit_level in (stage_units.unit_level, 'all')
            and coalesce(items.veto_band_code, papers.veto_band_code) = bands.band_code
    where dated.recency = 1 and coalesce(dated.outcome, '') <> 'lifted'
)

select * from final
