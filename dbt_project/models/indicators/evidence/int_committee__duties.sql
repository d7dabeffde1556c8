{{ config(materialized='view') }}

with

committees as (
    select * from {{ ref('fct_committee') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

classified as (
    select
        committees.submission_id,
        committees.unit_code,
        committees.period,
        committees.sheet,
        committees.row,
        committees.founded_on,
        committees.liaison_count,
        committees.coordination_count,
        committees.supervision_count,
        active.value_zh is not null as is_active,
        lead.value_zh is not null as is_lead_of_league,
        seat.value_zh is not null as is_seat_of_league
    from committees
    inner join periods on committees.period = periods.period
    left join classes as active
        on
            periods.rulebook_version = active.rulebook_version
            and active.class_code = 'committee_active'
            and committees.committee_status = active.value_zh
    left join classes as lead
        on
            periods.rulebook_version = lead.rulebook_version
            and lead.class_code = 'street_league_lead'
            and committees.lead_unit = lead.value_zh
    left join classes as seat
        on
            periods.rulebook_version = seat.rulebook_version
            and seat.class_code = 'street_league_lead'
            and committees.secretariat_unit = seat.value_zh
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        unit_code as subject_key,
        founded_on,
        liaison_count,
        coordination_count,
        supervision_count,
        is_active,
        is_active and is_lead_of_league as is_led_by_league,
        is_active and is_seat_of_league as has_league_secretariat
    from classified
)

select * from final
