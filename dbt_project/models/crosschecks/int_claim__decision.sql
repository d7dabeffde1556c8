with

records as (
    select * from {{ ref('stg_ledger__decision_record') }}
    where kind = 'claim'
),

stages as (
    select * from {{ ref('stages') }}
),

listed as (
    select * from {{ ref('int_claim__listed') }}
),

local_things as (
    select
        thing_kind,
        thing_key
    from listed
    group by thing_kind, thing_key
    having min(coalesce(district_code, city_code, province_code)) = max(coalesce(district_code, city_code, province_code))
),

-- known by its name in one quarter and by its code in another, a thing of one district is the same, if the name has one code
coded_names as (
    select
        listed.thing_kind,
        listed.name_key,
        min(listed.thing_key) as thing_key
    from listed
    inner join local_things on listed.thing_kind = local_things.thing_kind and listed.thing_key = local_things.thing_key
    where listed.thing_key <> listed.name_key
    group by listed.thing_kind, listed.name_key
    having count(distinct listed.thing_key) = 1
),

same_claims as (
    select
        {{ claim_id('thing_kind', 'name_key') }} as recorded_id,
        {{ claim_id('thing_kind', 'thing_key') }} as claim_id
    from coded_names
    union all
    select
        {{ claim_id('thing_kind', 'thing_key') }} as recorded_id,
        {{ claim_id('thing_kind', 'name_key') }} as claim_id
    from coded_names
    union all
    select distinct
        subject_key as recorded_id,
        subject_key as claim_id
    from records
),

ranked as (
    select
        same_claims.claim_id,
        records.stage_code,
        records.unit_code as decided_unit_code,
        records.outcome,
        records.decided_at,
        records.decided_by,
        records.reason,
        stages.first_period,
        stages.last_period,
        row_number() over (
            partition by same_claims.claim_id, records.stage_code order by records.decided_at desc, records.record_id desc
        ) as stage_recency,
        row_number() over (
            partition by same_claims.claim_id order by records.decided_at desc, records.record_id desc
        ) as recency
    from records
    inner join same_claims on records.subject_key = same_claims.recorded_id
    left join stages on records.stage_code = stages.stage_code
),

final as (
    select
        claim_id,
        stage_code,
        decided_unit_code,
        outcome,
        decided_at,
        decided_by,
        reason,
        first_period,
        last_period,
        recency = 1 as is_newest
    from ranked
    where stage_recency = 1
)

select * from final
