{{ config(materialized='view') }}

with

member_units as (
    select * from {{ ref('fct_member_unit') }}
    where is_member
),

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street'
),

-- The same unit of two streets: by its credit code, else by its name within one district, never by a name farther away.
keyed as (
    select
        member_units.submission_id,
        member_units.unit_code,
        member_units.period,
        member_units.sheet,
        member_units.row,
        member_units.unit_name,
        {{ thing_key(
            'coalesce(roster.district_code, roster.city_code, roster.unit_code)',
            'member_units.unit_name',
            'member_units.uscc'
        ) }} as claim_key
    from member_units
    inner join roster
        on member_units.unit_code = roster.unit_code and member_units.period = roster.period
),

claims as (
    select
        period,
        claim_key,
        count(distinct unit_code) as street_count
    from keyed
    group by period, claim_key
),

final as (
    select
        keyed.submission_id,
        keyed.unit_code,
        keyed.period,
        keyed.sheet,
        keyed.row,
        keyed.unit_code as subject_key,
        keyed.unit_name,
        keyed.claim_key,
        claims.street_count,
        claims.street_count > 1 as is_claimed_elsewhere
    from keyed
    inner join claims
        on keyed.period = claims.period and keyed.claim_key = claims.claim_key
)

select * from final
