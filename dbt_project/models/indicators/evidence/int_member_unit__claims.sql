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

patterns as (
    select * from {{ name_patterns('legal_suffix') }}
),

-- The decision of a stage speaks for its periods.
decisions as (
    select * from {{ ref('int_claim__decision') }}
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
        ) }} as claim_key,
        {{ claim_id(
            "'member_unit'",
            "coalesce(member_units.uscc, concat(coalesce(roster.district_code, roster.city_code, roster.province_code), '|', "
            ~ bare_name('member_units.unit_name', 'patterns') ~ '))'
        ) }} as claim_id
    from member_units
    cross join patterns
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
        claims.street_count > 1 and not coalesce(
            decisions.outcome in ('shared', 'separate')
            or (decisions.outcome = 'belongs_to' and decisions.decided_unit_code = keyed.unit_code),
            false
        ) as is_claimed_elsewhere
    from keyed
    inner join claims
        on keyed.period = claims.period and keyed.claim_key = claims.claim_key
    left join decisions
        on
            keyed.claim_id = decisions.claim_id
            and keyed.period between decisions.first_period and decisions.last_period
)

select * from final
