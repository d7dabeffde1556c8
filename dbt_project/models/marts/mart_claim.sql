with

claims as (
    select * from {{ ref('int_claim__claimed') }}
),

listed as (
    select * from {{ ref('int_claim__listed') }}
),

units as (
    select * from {{ ref('int_unit__last_known') }}
),

states as (
    select * from {{ ref('crosscheck_states') }}
    where crosscheck = 'claim'
),

claimants as (
    select
        thing_kind,
        thing_key,
        unit_code,
        min(period) as first_listed_period,
        max(period) as last_listed_period,
        min(key_basis) as key_basis,
        min(thing_name) as thing_name,
        min(uscc) as uscc
    from listed
    group by thing_kind, thing_key, unit_code
),

-- the nearest unit above all who claim has to decide
spans as (
    select
        claimants.thing_kind,
        claimants.thing_key,
        cast(count(*) as integer) as claimant_count,
        case
            when min(units.district_code) = max(units.district_code) and count(units.district_code) = count(*)
                then min(units.district_code)
            when min(units.city_code) = max(units.city_code) and count(units.city_code) = count(*) then min(units.city_code)
            when min(units.province_code) = max(units.province_code) then min(units.province_code)
        end as deciding_unit_code
    from claimants
    left join units on claimants.unit_code = units.unit_code
    group by claimants.thing_kind, claimants.thing_key
),

final as (
    select
        claims.claim_id,
        claims.thing_kind,
        claimants.unit_code,
        streets.unit_name,
        claimants.thing_name,
        claimants.uscc,
        claimants.key_basis,
        claims.since_period,
        claims.last_period,
        claimants.first_listed_period,
        claimants.last_listed_period,
        claims.is_current,
        spans.claimant_count,
        claims.state,
        states.state_zh,
        spans.deciding_unit_code,
        deciders.unit_name as deciding_unit_name,
        claims.decision,
        claims.decided_unit_code,
        claims.decided_at,
        claims.decided_by,
        claims.decision_reason,
        states.remedy_zh,
        streets.district_code,
        streets.district_name,
        streets.city_code,
        streets.city_name,
        streets.province_code,
        streets.province_name
    from claims
    inner join claimants
        on
            claims.thing_kind = claimants.thing_kind
            and claims.thing_key = claimants.thing_key
    inner join spans
        on
            claims.thing_kind = spans.thing_kind
            and claims.thing_key = spans.thing_key
    inner join states on claims.state = states.state
    left join units as streets on claimants.unit_code = streets.unit_code
    left join units as deciders on spans.deciding_unit_code = deciders.unit_code
)

select * from final
