with

listed as (
    select * from {{ ref('int_claim__listed') }}
),

-- listed by two streets at the same time: who moves from one street to another is no claim
in_period as (
    select
        thing_kind,
        thing_key,
        period
    from listed
    group by thing_kind, thing_key, period
    having count(distinct unit_code) > 1
),

claims as (
    select
        thing_kind,
        thing_key,
        min(period) as since_period,
        max(period) as last_period,
        {{ claim_id('thing_kind', 'thing_key') }} as claim_id
    from in_period
    group by thing_kind, thing_key
),

last_periods as (
    select max(period) as last_period
    from listed
),

decisions as (
    select * from {{ ref('int_claim__decision') }}
    where is_newest and outcome <> 'lifted'
),

final as (
    select
        claims.claim_id,
        claims.thing_kind,
        claims.thing_key,
        claims.since_period,
        claims.last_period,
        decisions.outcome as decision,
        decisions.decided_unit_code,
        decisions.decided_at,
        decisions.decided_by,
        decisions.reason as decision_reason,
        claims.last_period = last_periods.last_period as is_current,
        case when decisions.claim_id is null then 'open' else 'decided' end as state
    from claims
    cross join last_periods
    left join decisions on claims.claim_id = decisions.claim_id
)

select * from final
