with source as (

    select * from {{ lake('street_unit') }}

),

renamed as (

    select
        -- where the row stands
        cast(submission_id as string) as submission_id,
        cast(unit_code as string) as unit_code,
        cast(sheet as string) as sheet,
        cast(row as int) as row,
        cast(lake_period as string) as period,
        -- what it says
        cast(unit_name as string) as unit_name,
        cast(uscc as string) as uscc,
        cast(unit_kind as string) as unit_kind,
        cast(industry as string) as industry,
        cast(affiliation_level as string) as affiliation_level,
        cast(is_local as boolean) as is_local,
        cast(is_member as boolean) as is_member,
        cast(has_league_org as boolean) as has_league_org,
        cast(founding_mode as string) as founding_mode,
        cast(league_org_founded_on as date) as league_org_founded_on,
        cast(honour_kind as string) as honour_kind,
        cast(in_party_plan as boolean) as in_party_plan,
        cast(in_own_plan as boolean) as in_own_plan,
        cast(has_duty as boolean) as has_duty,
        cast(support_item_count as bigint) as support_item_count,
        cast(last_contact_on as date) as last_contact_on,
        cast(has_venue as boolean) as has_venue,
        cast(shares_venue as boolean) as shares_venue,
        cast(opens_activities as boolean) as opens_activities,
        cast(extends_projects as boolean) as extends_projects,
        cast(extends_expertise as boolean) as extends_expertise
    from source

)

select * from renamed
