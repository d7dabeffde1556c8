with source as (

    select * from {{ reference('communities', 'parquet') }}

),

renamed as (

    select
        cast(community_code as string) as community_code,
        cast(community_name as string) as community_name,
        cast(unit_code as string) as unit_code,
        cast(community_kind as string) as community_kind
    from source

)

select * from renamed
