{{ config(materialized='view') }}

with

member_units as (
    select * from {{ ref('fct_member_unit') }}
    where is_member
),

-- what each of them is known by, and who else lists it
keys as (
    select * from {{ ref('int_claim__keyed') }}
    where thing_kind = 'member_unit'
),

-- The decision of a stage speaks for its periods.
decisions as (
    select * from {{ ref('int_claim__decision') }}
),

keyed as (
    select
        member_units.*,
        keys.thing_key as claim_key,
        {{ claim_id("'member_unit'", 'keys.thing_key') }} as claim_id
    from member_units
    inner join keys
        on
            member_units.unit_code = keys.unit_code
            and member_units.period = keys.period
            and member_units.unit_name = keys.thing_name
            and coalesce(member_units.uscc, '') = coalesce(keys.own_uscc, '')
),

claims as (
    select
        period,
        thing_key as claim_key,
        count(distinct unit_code) as street_count
    from keys
    group by period, thing_key
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
