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

venues as (
    select
        unit_code,
        period,
        count(*) as open_count,
        count(distinct case when is_platform then venue_kind end) as platform_kind_count,
        sum(case when is_liaison_station then 1 else 0 end) as liaison_station_count,
        sum(case when is_jointly_built then 1 else 0 end) as jointly_built_count,
        sum(case when is_open_to_all then 1 else 0 end) as open_to_all_count,
        sum(government_funds_cny) as government_funds_cny,
        sum(social_funds_cny) as social_funds_cny,
        sum(hosted_org_count) as hosted_org_count,
        max(case when migrant_visit_count > 0 then 1 else 0 end)
        + max(case when graduate_visit_count > 0 then 1 else 0 end)
        + max(case when idle_youth_visit_count > 0 then 1 else 0 end) as visiting_group_count
    from {{ ref('int_venue__used') }}
    where is_open and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

resources as (
    select
        unit_code,
        period,
        count(distinct integrated_resource) as resource_kind_count
    from {{ ref('int_venue__integrated_resources') }}
    where is_integrated and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

-- What is asked of open venues has nothing to be measured on in a street without one; 3c says that it lacks one.
counted as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_name,
        venues.open_count,
        venues.open_to_all_count,
        venues.government_funds_cny,
        venues.social_funds_cny,
        venues.hosted_org_count,
        venues.visiting_group_count,
        coalesce(venues.platform_kind_count, 0) as platform_kind_count,
        coalesce(venues.liaison_station_count, 0) as liaison_station_count,
        coalesce(venues.jointly_built_count, 0) as jointly_built_count,
        coalesce(resources.resource_kind_count, 0) as resource_kind_count,
        case when venues.open_count > 0 then 'measured' else 'not_applicable' end as status_of_venues,
        case
            when venues.government_funds_cny + venues.social_funds_cny > 0 then 'measured'
            else 'not_applicable'
        end as status_of_funds
    from roster
    left join venues
        on roster.unit_code = venues.unit_code and roster.period = venues.period
    left join resources
        on roster.unit_code = resources.unit_code and roster.period = resources.period
),

final as (
    select
        unit_code,
        unit_level,
        period,
        unit_code as subject_key,
        unit_name as subject_name,
        'measured' as status,
        cast(platform_kind_count as decimal(18, 4)) as platform_venue_kind_count,
        cast(liaison_station_count as decimal(18, 4)) as liaison_station_count,
        cast(jointly_built_count as decimal(18, 4)) as jointly_built_venue_count,
        cast(resource_kind_count as decimal(18, 4)) as integrated_resource_kind_count,
        {{ as_value('government_funds_cny') }} as venue_government_funds_cny,
        status_of_venues as venue_government_funds_cny__status,
        {{ as_value('social_funds_cny') }} as venue_social_funds_cny,
        status_of_venues as venue_social_funds_cny__status,
        {{ wide_ratio(
            '100 * ' ~ whole_cents('social_funds_cny'),
            whole_cents('government_funds_cny + social_funds_cny')
        ) }} as venue_social_funds_pct,
        status_of_funds as venue_social_funds_pct__status,
        {{ wide_ratio('hosted_org_count', 'open_count') }} as hosted_orgs_per_venue,
        status_of_venues as hosted_orgs_per_venue__status,
        {{ percentage('open_to_all_count', 'open_count') }} as open_to_all_venue_pct,
        status_of_venues as open_to_all_venue_pct__status,
        cast(visiting_group_count as decimal(18, 4)) as visiting_group_count,
        status_of_venues as visiting_group_count__status
    from counted
)

select * from final
