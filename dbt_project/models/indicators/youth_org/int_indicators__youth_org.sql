{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level = 'street'
        and is_reported
        and {{ changed_periods_filter('period') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

many as (
    select
        rulebook_version,
        value as org_count
    from {{ ref('parameters') }}
    where parameter_code = '2h.org_count'
),

counts as (
    select
        unit_code,
        period,
        count(distinct org_key) as org_count,
        count(distinct case when is_in_named_category then org_key end) as named_count,
        count(distinct case when is_in_known_category then org_key end) as known_count,
        count(distinct case when is_contacted_in_period then org_key end) as contacted_count,
        count(distinct case when is_served then org_key end) as served_count,
        count(distinct case when is_cultivated_for_migrants then org_key end) as migrant_count,
        count(distinct case when is_cultivated_for_graduates then org_key end) as graduate_count,
        count(distinct case when is_in_federation then org_key end) as federation_count,
        count(distinct case when is_eligible then org_key end) as eligible_count,
        count(distinct case when is_eligible_with_league_org then org_key end) as league_org_count,
        count(distinct case when is_participant then org_key end) as participant_count
    from {{ ref('int_youth_org__work') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

counted as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_name,
        coalesce(counts.org_count, 0) as org_count,
        coalesce(counts.named_count, 0) as named_count,
        coalesce(counts.known_count, 0) as known_count,
        coalesce(counts.contacted_count, 0) as contacted_count,
        coalesce(counts.served_count, 0) as served_count,
        coalesce(counts.migrant_count, 0) as migrant_count,
        coalesce(counts.graduate_count, 0) as graduate_count,
        coalesce(counts.federation_count, 0) as federation_count,
        coalesce(counts.eligible_count, 0) as eligible_count,
        coalesce(counts.league_org_count, 0) as league_org_count,
        coalesce(counts.participant_count, 0) as participant_count,
        -- Without the parameter nobody can say what is many, and the condition does not hold.
        coalesce(counts.org_count >= many.org_count, false) as has_many,
        -- A street must have organisations (clause 3b): without one on the register shares cannot be told.
        case when counts.org_count > 0 then 'measured' else 'not_evaluated' end as share_status
    from roster
    inner join periods on roster.period = periods.period
    left join many on periods.rulebook_version = many.rulebook_version
    left join counts
        on roster.unit_code = counts.unit_code and roster.period = counts.period
),

final as (
    select
        unit_code,
        unit_level,
        period,
        unit_code as subject_key,
        unit_name as subject_name,
        'measured' as status,
        cast(org_count as decimal(18, 4)) as listed_youth_org_count,
        {{ percentage('named_count', 'org_count') }} as named_category_org_pct,
        share_status as named_category_org_pct__status,
        {{ percentage('known_count', 'org_count') }} as known_category_org_pct,
        share_status as known_category_org_pct__status,
        {{ percentage('contacted_count', 'org_count') }} as contacted_youth_org_pct,
        share_status as contacted_youth_org_pct__status,
        {{ percentage('served_count', 'org_count') }} as served_youth_org_pct,
        share_status as served_youth_org_pct__status,
        {{ percentage('participant_count', 'org_count') }} as participating_youth_org_pct,
        share_status as participating_youth_org_pct__status,
        cast(migrant_count as decimal(18, 4)) as cultivated_migrant_org_count,
        cast(graduate_count as decimal(18, 4)) as cultivated_graduate_org_count,
        case when has_many then cast(federation_count as decimal(18, 4)) end as federation_org_count,
        case when has_many then 'measured' else 'not_applicable' end as federation_org_count__status,
        {{ percentage('league_org_count', 'eligible_count') }} as youth_org_with_league_pct,
        case when eligible_count > 0 then 'measured' else 'not_applicable' end as youth_org_with_league_pct__status
    from counted
)

select * from final
